-- name: put_zones
-- Store zones; known codes are replaced.
-- in:  arrays of equal length: :codes, :kinds, :names, :valid_froms and :valid_tos (first and
--      last day, NULL: open), :geoms (EWKB)
-- out: number of rows by rowcount
INSERT INTO zones (code, kind, name, valid, geom)
SELECT code, kind, name, daterange(valid_from, valid_to, '[]'), ST_GeomFromEWKB(geom)
FROM unnest(
  CAST(:codes AS text[]),
  CAST(:kinds AS text[]),
  CAST(:names AS text[]),
  CAST(:valid_froms AS date[]),
  CAST(:valid_tos AS date[]),
  CAST(:geoms AS bytea[])
) AS given (code, kind, name, valid_from, valid_to, geom)
ON CONFLICT (code) DO UPDATE SET
  kind = excluded.kind,
  name = excluded.name,
  valid = excluded.valid,
  geom = excluded.geom
