CREATE TABLE `jos_content` (
  `id` int(10) NOT NULL,
  `title` varchar(255) NOT NULL,
  `introtext` mediumtext NOT NULL,
  `fulltext` mediumtext NOT NULL,
  `created` datetime NOT NULL
);
INSERT INTO `jos_content` VALUES (0,'Ferry to Holm late again','<p>Fog kept the ferry to Holm in port for six hours on Monday, and nobody told the people who were waiting on the quay. The company said that its new radar had failed twice in a week.</p>','<p>Passengers waited in the old customs hall, where volunteers handed out soup and blankets. "We have seen worse," said Marta Olsen, who lives on the island.</p><p>The next ferry is to sail at six in the evening, if the wind allows.</p>','2031-03-03 10:00:00'),(1,'Baker of Torsby wins a prize for rye bread','<p>A baker from Torsby has won the county''s prize for the best rye bread for the third year in a row. The jury praised the crust, and the patience it takes.</p>','<p>Jonas Vik has baked since he was fourteen. He gets up at two, he says, and sleeps when the shop closes.</p><p>The prize is a wooden spoon and a thousand crowns, which he wants to spend on a second oven.</p>','2031-03-04 10:00:00'),(3,'Council votes to keep the old mill','<p>The council of Vale voted on Wednesday to keep the old mill by the river, and to turn it into a library. Eleven members were for it, and four against.</p>','','2031-03-05 10:00:00');
