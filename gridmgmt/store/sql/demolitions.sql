-- name: put_demolitions
-- Store demolitions; known codes are replaced.
-- in:  arrays of equal length, one per column, all_<column>; :geoms (EWKB)
-- out: number of rows by rowcount
INSERT INTO demolitions (
  code,
  name,
  address,
  mode,
  demolished_on,
  claimed_m2,
  measured_m2,
  cases_count,
  sites_count,
  households_count,
  geom
)
SELECT
  code,
  name,
  address,
  mode,
  demolished_on,
  claimed_m2,
  measured_m2,
  cases_count,
  sites_count,
  households_count,
  ST_GeomFromEWKB(geom)
FROM unnest(
  CAST(:all_code AS text[]),
  CAST(:all_name AS text[]),
  CAST(:all_address AS text[]),
  CAST(:all_mode AS text[]),
  CAST(:all_demolished_on AS date[]),
  CAST(:all_claimed_m2 AS double precision[]),
  CAST(:all_measured_m2 AS double precision[]),
  CAST(:all_cases_count AS integer[]),
  CAST(:all_sites_count AS integer[]),
  CAST(:all_households_count AS integer[]),
  CAST(:geoms AS bytea[])
) AS given (
  code,
  name,
  address,
  mode,
  demolished_on,
  claimed_m2,
  measured_m2,
  cases_count,
  sites_count,
  households_count,
  geom
)
ON CONFLICT (code) DO UPDATE SET
  name = excluded.name,
  address = excluded.address,
  mode = excluded.mode,
  demolished_on = excluded.demolished_on,
  claimed_m2 = excluded.claimed_m2,
  measured_m2 = excluded.measured_m2,
  cases_count = excluded.cases_count,
  sites_count = excluded.sites_count,
  households_count = excluded.households_count,
  geom = excluded.geom
