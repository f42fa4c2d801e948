"""The engine for Apache Spark: tasks, reading and matching on the executors of a cluster."""
