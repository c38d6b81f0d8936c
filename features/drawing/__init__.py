"""How does a number look? Charts as SVG text, for reports and pages alike.

svg  bars, intervals, points on a scale, a triangle of squares; by hand, so that a page needs no library and no image
"""
