/* The flat and the nested body: what the seed and the Python original send. */
#ifndef VS_MODEL_REPORT_LEGACY_H
#define VS_MODEL_REPORT_LEGACY_H

struct vs_members;
struct vs_report;

/* Takes the facts of body as one observation of source "report". */
int vs_report_take_legacy(struct vs_report *report, const struct vs_members *body);

#endif
