"""A season of photos on many machines: Ray's actors, each with a `Classifier`, fed from one listing.

    sources   the photos of a folder, a list file or an fsspec address, listed as they are needed
    job       what a run leaves: the listing and a Parquet file for every piece of it; where it resumes
    table     records as Parquet and back
    worker    what one machine does with a piece
    crew      the workers of a cluster as they come and go (the only module that loads Ray)
    dispatch  gives pieces to workers, and again if a worker is lost

docs/cluster.md says how to operate it, docs/decisions/0061 why it is built this way.
"""
