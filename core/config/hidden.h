/* Values that are surely secret, before the plugin that could say so is loaded. */
#ifndef VS_CONFIG_HIDDEN_H
#define VS_CONFIG_HIDDEN_H

struct vs_node;

/* Registers with the log what stands in a map of options under names such as keys or token. NULL is fine. */
void vs_hidden_note(const struct vs_node *options);

#endif
