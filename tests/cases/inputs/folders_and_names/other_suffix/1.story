The council of Torsby voted by nine to four on Sunday evening to keep the reading rooms of the old library open until nine.

Opponents had argued that the heating alone would cost 80,000 crowns a year, which the treasurer called a fair guess.
