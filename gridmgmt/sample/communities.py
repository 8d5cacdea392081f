"""Which block belongs to which community and street."""

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from gridmgmt.sample.cells import Faces
from gridmgmt.sample.plan import CityPlan
from gridmgmt.sample.roads import Network


def divide(plan: CityPlan, network: Network, faces: Faces) -> tuple[IntArray, IntArray]:
    """Divide the blocks among streets and communities.

    The river separates the southern street from the two northern ones, and a main road
    separates these; each half of the river belongs to its bank. Within a street the smallest
    community joins a neighbour until the planned number is left.

    Returns
    -------
    (k,) street of each community: 0 north-west, 1 north-east, 2 south
    (b,) community of each block

    Raises
    ------
    ValueError
        when a street has fewer blocks than it should have communities
    """
    side = _streets(network, faces.blocks)
    area = shapely.area(faces.blocks)
    touching = _shared_lengths(faces.blocks)
    community = np.arange(len(faces.blocks))
    for street, wanted in enumerate(plan.communities):
        members = side == street
        if members.sum() < wanted:
            message = f"street {street} has {members.sum()} blocks for {wanted} communities"
            raise ValueError(message)
        while len(found := np.unique(community[members])) > wanted:
            sizes = [area[community == i].sum() for i in found]
            smallest = int(found[np.argmin(sizes)])
            community[community == smallest] = _home(
                community, smallest, members, touching, area
            )
    kept, community = np.unique(community, return_inverse=True)
    return side[kept], community.astype(np.int64)


def _streets(network: Network, blocks: ObjectArray) -> IntArray:
    middle = shapely.get_coordinates(shapely.point_on_surface(blocks))
    river = shapely.get_coordinates(network.river)
    parting = shapely.get_coordinates(network.parting)
    south = middle[:, 1] < np.interp(middle[:, 0], river[:, 0], river[:, 1])
    east = middle[:, 0] > np.interp(middle[:, 1], parting[:, 1], parting[:, 0])
    return np.where(south, 2, np.where(east, 1, 0))


def _shared_lengths(blocks: ObjectArray) -> FloatArray:
    """Return the (b, b) lengths of the borders that blocks share, in metres."""
    lengths = np.zeros((len(blocks), len(blocks)))
    a, b = shapely.STRtree(blocks).query(blocks, predicate="dwithin", distance=0.02)
    near = shapely.buffer(blocks, 0.05)
    lengths[a, b] = shapely.length(shapely.intersection(shapely.boundary(blocks[a]), near[b]))
    np.fill_diagonal(lengths, 0.0)
    return np.where(lengths > 5.0, lengths, 0.0)


def _home(
    community: IntArray,
    smallest: int,
    members: BoolArray,
    touching: FloatArray,
    area: FloatArray,
) -> int:
    """Choose the neighbour that a community joins: a long shared border, not yet too large."""
    mine = community == smallest
    best, highest = -1, -1.0
    for other in np.unique(community[members & ~mine]):
        theirs = community == other
        shared = float(touching[np.ix_(mine, theirs)].sum())
        score = shared / float(np.sqrt(area[theirs].sum() + area[mine].sum()))
        if score > highest:
            best, highest = int(other), score
    return best
