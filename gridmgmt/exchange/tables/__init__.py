"""Read CSV, XLSX and Parquet as text by column; write rejected rows and archives.

Callers use `tables`; pages and services reach it through `gridmgmt.exchange.reading`.
"""
