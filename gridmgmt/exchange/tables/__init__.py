"""Tables as text by column: CSV, XLSX and Parquet in, rejected rows and archives out.

Callers use `tables`; pages and services reach it through `gridmgmt.exchange.reading`.
"""
