"""Markup in angle brackets that is no page of HTML: feeds, wire formats, corpora, dumps and exports in XML and SGML."""
