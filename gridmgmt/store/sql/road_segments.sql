-- name: put_road_segments
-- Store road segments; known codes are replaced.
-- in:  arrays of equal length: :codes, :names, :tolerances_m (metres), :geoms (EWKB)
-- out: number of rows by rowcount
INSERT INTO road_segments (code, name, tolerance_m, geom)
SELECT code, name, tolerance_m, ST_GeomFromEWKB(geom)
FROM unnest(
  CAST(:codes AS text[]),
  CAST(:names AS text[]),
  CAST(:tolerances_m AS double precision[]),
  CAST(:geoms AS bytea[])
) AS given (code, name, tolerance_m, geom)
ON CONFLICT (code) DO UPDATE SET
  name = excluded.name,
  tolerance_m = excluded.tolerance_m,
  geom = excluded.geom
