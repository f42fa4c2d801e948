The harbour crossing between Holm and Torsby stayed closed on Saturday after a storm tore two of the four moorings loose.

Engineers from the port authority said the remaining chains would hold, but that no passengers could be carried before divers had looked at the anchors.
