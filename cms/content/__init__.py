"""The files of content/: read, checked and linted (each fault with its file and line), then loaded.

shape.py    what a value may be, and where a fault stands
shapes.py   the shape of each kind of file
lessons.py  a lesson: front matter, prose and blocks
prose.py    Markdown to rich text
library.py  all files together: what they name must exist
lint.py     no contested claim is stated as true
rows.py     into the rows of the apps beneath
tree.py     into pages
loading.py  the order of it all
"""
