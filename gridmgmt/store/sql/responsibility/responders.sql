-- name: put_responders
-- Store responders; known codes are replaced. One statement, so that a superior may come later.
-- in:  arrays of equal length: :codes, :kinds, :names, :phones, :superior_codes, :area_levels,
--      :area_codes
-- out: number of rows by rowcount
INSERT INTO responders (code, kind, name, phone, superior_code, area_level, area_code)
SELECT code, kind, name, phone, superior_code, area_level, area_code
FROM unnest(
  CAST(:codes AS text[]),
  CAST(:kinds AS text[]),
  CAST(:names AS text[]),
  CAST(:phones AS text[]),
  CAST(:superior_codes AS text[]),
  CAST(:area_levels AS text[]),
  CAST(:area_codes AS text[])
) AS given (code, kind, name, phone, superior_code, area_level, area_code)
ON CONFLICT (code) DO UPDATE SET
  kind = excluded.kind,
  name = excluded.name,
  phone = excluded.phone,
  superior_code = excluded.superior_code,
  area_level = excluded.area_level,
  area_code = excluded.area_code
