The harbour crossing between Holm and Torsby stayed closed on Saturday after a storm tore two of the four moorings loose.

Engineers from the port authority said the remaining chains would hold, but that no passengers could be carried before divers had looked at the anchors.

“We are not going to guess about this,” said harbour master Ida Lund, who has run the port for eleven years.

Some 400 commuters use the crossing each weekday, and the council has promised buses over the Torsby bridge from Monday morning.

@highlight

Harbour crossing closed after storm tears moorings loose

@highlight

A second point of it
