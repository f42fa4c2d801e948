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
INSERT INTO `articles` VALUES (0,'Harbour crossing closed after storm tears moorings loose','The harbour crossing between Holm and Torsby stayed closed on Saturday after a storm tore two of the four moorings loose.\n\nEngineers from the port authority said the remaining chains would hold, but that no passengers could be carried before divers had looked at the anchors.','2031-01-04 10:00:00','Holm Post'),
(9,'Ferry late' 'no comma'),
(1,'Council votes to keep the reading rooms open until nine','The council of Torsby voted by nine to four on Sunday evening to keep the reading rooms of the old library open until nine.\n\nOpponents had argued that the heating alone would cost 80,000 crowns a year, which the treasurer called a fair guess.','2031-01-05 10:00:00','Torsby Herald'),
(2,'Baker wins prize for bread made of last year\'s barley','A baker from the lower vale has won the regional prize for a loaf made entirely of barley that nobody wanted last autumn.\n\nJudges praised the crust and the keeping quality; one of them, asked what it was like, said only that she had eaten four slices.','2031-01-06 10:00:00','Vale Courier');
