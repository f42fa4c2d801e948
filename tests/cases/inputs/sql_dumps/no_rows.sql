-- MySQL dump 10.13  Distrib 8.0.30
--
-- Host: localhost    Database: news
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `tags` (
  `id` int NOT NULL,
  `name` varchar(80)
);
