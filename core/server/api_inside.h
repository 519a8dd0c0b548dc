/* What api.c keeps and call.c gives back. Nobody else includes this. */
#ifndef VS_SERVER_API_INSIDE_H
#define VS_SERVER_API_INSIDE_H

struct vs_call;

/* The exchange was answered: frees the call. */
void vs_call_end(struct vs_call *call);

#endif
