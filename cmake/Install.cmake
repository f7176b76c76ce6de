# filled as the folder grows
