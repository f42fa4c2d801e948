"""Exports: documents and flows of a corpus in the formats of other tools, a module for each format.

`registry` lists the formats, `job` carries an export out: it chooses the documents, divides them into splits, and puts
files under their final names only when they are whole. A format is a module with one of three functions:

    pieces(documents, options) -> Iterator[str]     a text that can be streamed, compressed or printed
    write(documents, path, options) -> None         a file
    write_folder(splits, folder, options) -> None   a folder
"""
