"""What is one fit? From a design matrix to exact tables, calibrated, compiled to a scorecard and verified.

grid          support of each feature, bins, knots, what unknown means
score_tables  tables over cut features: what every estimator compiles to
basis         the columns of a logistic regression as functions of nodes
elastic_net   elastic-net logistic regression along a path of penalties
trees         XGBoost with trees of depth one or two, and their exact tables
estimators    the candidates that are fitted
calibrate     calibration and blending in the log-odds
pipeline      search, fit, blend, calibrate: what is cross-fitted and finally kept
compile       from exact tables to a scorecard document, verified
"""
