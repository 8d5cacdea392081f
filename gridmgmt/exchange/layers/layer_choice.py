"""Choose one of the layers behind a path by a name that no other layer has."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

_Found = Sequence[tuple[LayerSource, str]]


def own_layer_names(path: Path, found: _Found) -> list[str]:
    """Return the name to ask for each layer by: its own, with its file or folder if need be."""
    ladders = [_names(path, source, name) for source, name in found]
    counts = Counter(name for ladder in ladders for name in dict.fromkeys(ladder))
    return [
        next((name for name in ladder if counts[name] == 1), ladder[-1]) for ladder in ladders
    ]


def chosen_layer(path: Path, found: _Found, layer: str | None) -> tuple[LayerSource, str]:
    """Return the layer of a name, or the only one if no name is given.

    Raises
    ------
    LayerError
        when there is no layer, no single one of this name, or several and no name; with the
        names to ask for
    """
    if not found:
        raise LayerError(path, Sentence("holds no layer with geometry"))
    own = own_layer_names(path, found)
    if layer is None:
        if len(found) == 1:
            return found[0]
        raise _several(path, Sentence("holds {} layers", len(found)), own)
    matching = [k for k, one in enumerate(found) if layer in _names(path, *one)]
    # A name that only one layer is to be asked for by, though it is part of those of others.
    exact = [k for k in matching if own[k] == layer]
    if len(matching) == 1 or len(exact) == 1:
        return found[(exact or matching)[0]]
    if not matching:
        raise _several(path, Sentence("has no layer {}", repr(layer)), own)
    told = Sentence("holds {} layers called {}", len(matching), repr(layer))
    names = [own[k] for k in matching]
    if len(set(names)) == len(names):
        raise _several(path, told, names)
    raise LayerError(
        path,
        told,
        remedy=Sentence("rename all but one of them in the program the file comes from"),
    )


def _names(path: Path, source: LayerSource, name: str) -> tuple[str, str, str]:
    within = source.shown.removeprefix(f"{path}/")
    return name, f"{source.path.name}:{name}", f"{within}:{name}"


def _several(path: Path, message: Sentence, names: Sequence[str]) -> LayerError:
    return LayerError(
        path, message, remedy=Sentence("name one with --layer: {}", listed(names))
    )
