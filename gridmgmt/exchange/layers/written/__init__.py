"""Read what stands in a file where GDAL reads something else: values and shapes."""
