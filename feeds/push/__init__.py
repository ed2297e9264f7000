"""Telling others what changed: hubs (WebSub, rssCloud) and search engines (IndexNow, Baidu).

In come manifests and permalinks, out go HTTP requests; what could not be sent waits in a file of the state folder. Never
stops a build, and sends nothing before a generation is live.
"""
