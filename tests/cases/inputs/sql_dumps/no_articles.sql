-- MySQL dump 10.13  Distrib 8.0.30
--
-- Host: localhost    Database: news
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `tags` (
  `id` int NOT NULL,
  `name` varchar(80)
);
INSERT INTO `tags` VALUES (1,'harbour'),(2,'schools');
DROP TABLE IF EXISTS `articles`;
CREATE TABLE `articles` (
  `id` int NOT NULL AUTO_INCREMENT,
  `title` varchar(255) DEFAULT 'a, b',
  `body` text,
  `published_at` datetime DEFAULT NULL,
  `source` varchar(80),
  PRIMARY KEY (`id`),
  KEY `day` (`published_at`)
) ENGINE=InnoDB;
