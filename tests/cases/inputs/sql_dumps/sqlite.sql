PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE articles(id INTEGER PRIMARY KEY, title TEXT, body TEXT, published TEXT, outlet TEXT);
INSERT INTO articles VALUES(0,'Harbour crossing closed after storm tears moorings loose',replace('The harbour crossing between Holm and Torsby stayed closed on Saturday after a storm tore two of the four moorings loose.\n\nEngineers from the port authority said the remaining chains would hold, but that no passengers could be carried before divers had looked at the anchors.','\n',char(10)),'2031-01-04','Holm Post');
INSERT INTO articles VALUES(1,'Council votes to keep the reading rooms open until nine',replace('The council of Torsby voted by nine to four on Sunday evening to keep the reading rooms of the old library open until nine.\n\nOpponents had argued that the heating alone would cost 80,000 crowns a year, which the treasurer called a fair guess.','\n',char(10)),'2031-01-05','Torsby Herald');
INSERT INTO articles VALUES(2,'Baker wins prize for bread made of last year''s barley',replace('A baker from the lower vale has won the regional prize for a loaf made entirely of barley that nobody wanted last autumn.\n\nJudges praised the crust and the keeping quality; one of them, asked what it was like, said only that she had eaten four slices.','\n',char(10)),'2031-01-06','Vale Courier');
COMMIT;
