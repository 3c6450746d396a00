"""How full shares are, asked through the API server: kubelets' statistics and exporters' metrics. No helper pod."""
