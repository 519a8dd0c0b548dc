/* What GET /metrics shows: the Prometheus text format. */
#ifndef VS_SERVER_METRICS_H
#define VS_SERVER_METRICS_H

struct vs_buf;
struct vs_parts;

#define VS_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

void vs_metrics_write(const struct vs_parts *parts, struct vs_buf *out);

#endif
