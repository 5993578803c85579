"""The lineage tree for a terminal (rich). Row text is data: no markup in it is ever interpreted.

Belongs here: colours. Does not belong here: what the tree holds (walk.py).
"""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from wethink_assets.lineage.tree import Node


def as_tree(node: Node) -> Tree:
    tree = Tree(_label(node))
    _grow(tree, node)
    return tree


def _grow(tree: Tree, node: Node) -> None:
    for child in node.children:
        _grow(tree.add(_label(child)), child)


def _label(node: Node) -> Text:
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in node.text)
    return Text(printable, style="bold green" if node.mark else "dim" if node.text.startswith("call ") else "")
