/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_watch.h - the configuration and the policies have changed: written in place,
 * renamed over, or (a ConfigMap) by the link `..data` of their folder, which is
 * exchanged for another.
 */
#ifndef EC_CONFIG_WATCH_H
#define EC_CONFIG_WATCH_H

struct config_watch;

int config_watch_open(struct config_watch **ret_watch);
void config_watch_close(struct config_watch *watch); /* NULL is fine */
int config_watch_fd(const struct config_watch *watch);
/* This file too, whether it is there or not; in its folder. Once is enough. */
int config_watch_add(struct config_watch *watch, const char *path);
/* Forgets all of them. */
void config_watch_clear(struct config_watch *watch);
/* Takes what has happened. 1: to one of them, 0: to others. */
int config_watch_drain(struct config_watch *watch);

#endif
