// SPDX-License-Identifier: Apache-2.0
/*
 * builtin.c - the built-in content rules, PCRE2, searched in every text of a
 * call and in each of its views (texts.h). Every repetition has a bound: what
 * a start costs does not grow with the text.
 */
#include "builtin.h"

#include <string.h>

/* Programs that are more than words of prose behind a separator. */
#define COMMANDS                                                                                   \
	"(?:(?:ba|z|da|k|c|tc|fi)?sh|rm|dd|cat|curl|wget|nc|ncat|netcat|socat|telnet|ssh|scp|"     \
	"rsync|t?ftp|python[\\d.]{0,4}|perl|ruby|php|node|lua|[gm]?awk|sed|xargs|eval|exec|"       \
	"source|sudo|su|doas|chmod|chown|chroot|mkfs|u?mount|(?:p|sk)?kill(?:all)?|reboot|"        \
	"shutdown|halt|systemctl|crontab|useradd|usermod|passwd|id|whoami|uname|hostname|env|"     \
	"printenv|export|ps|ls|mv|cp|ln|tee|touch|mkdir|base64|xxd|openssl|gcc|apt|apt-get|yum|"   \
	"pip3?|npm|npx|docker|kubectl|nohup|setsid|busybox|printf|echo|head|tail|[ef]?grep|"       \
	"sleep|ping|nslookup|dig|iptables|cmd|powershell|pwsh|certutil|rundll32|mshta|sort|find)"

#define BEFORE "\\s{0,20}+(?:\\w{1,30}=\\S{0,30}\\s{1,4}){0,2}(?:/[\\w/]{0,40}/|\\./|\\\\)?"

static const char shell_injection[] =
	"(?i)[;&|]" BEFORE COMMANDS "(?![\\w=:,.])"
	"|\\$\\(\\s{0,8}(?!(?:document|window|this|jquery)\\b)[\\w./]"
	"|[`]\\s{0,8}" COMMANDS "(?![\\w=:,.])"
	"|[<>]\\(\\s{0,8}" COMMANDS "(?!\\w)"
	"|\\n\\s{0,20}+(?:rm|curl|wget|nc|ncat|sudo|chmod|chown|dd|mkfs|eval|exec|base64)\\s{1,4}[-"
	"/~$.\"'\\w]"
	"|\\$\\{?IFS\\b"
	"|(?<![\\w.-])(?:ba|z|da|k)?sh\\s{1,8}-[a-z]{0,8}c\\b"
	"|\\brm\\s{1,8}(?:-[a-z]{1,12}\\s{1,8}){0,4}-(?:[a-z]{0,12}[rf]|-recursive|-force|-no-pres)"
	"|>\\s{0,8}/(?:dev/(?:sd|nvme|vd|mem|kmem)|etc/|proc/|sys/|boot/|bin/|usr/)"
	"|/dev/(?:tcp|udp)/"
	"|:\\s{0,4}\\(\\s{0,4}\\)\\s{0,4}\\{"
	"|\\bmkfifo\\s"
	"|\\bnc(?:at)?\\s[^\\n]{0,60}-[a-z]{0,4}[ec]\\b"
	"|\\bLD_(?:PRELOAD|LIBRARY_PATH|AUDIT)="
	"|\\b(?:cmd(?:\\.exe)?\\s{1,4}/[ck]|powershell(?:\\.exe)?\\s{1,4}-)";

static const char path_traversal[] =
	"(?i)\\.\\.;?[/\\\\]"
	"|[/\\\\]\\.\\.(?![\\w.])"
	"|^\\.\\.$"
	"|%c0%a[ef]|%e0%80%a[ef]|%c0%2e|%c1%9c|%(?:25){1,8}2[ef]"
	"|/etc/+(?:\\./+){0,4}(?:passwd|g?shadow|sudoers)\\b"
	"|/proc/+(?:self|thread-self|\\d{1,10})/+(?:environ|mem|maps|root|cwd|fd)\\b"
	"|(?:~|/root|/home/[^/\\s]{1,64})/+\\.(?:ssh|aws|gnupg|kube|docker)\\b"
	"|\\b[a-z]:[/\\\\]{1,4}windows[/\\\\]{1,4}(?:system32|win\\.ini)";

#define SPACE "(?:(?:[\\s+(]|/\\*[^*]{0,64}\\*/){1,8}+)"
#define THINGS "(?:table|database|schema|user|view|index|procedure|function|role|login)\\b"

static const char sql_injection[] =
	"(?i)\\bunion" SPACE "(?:(?:all|distinct)" SPACE ")?select\\b"
	"|['\"]\\)?\\s{0,8}(?:or|and|x?or|\\|\\||&&)" SPACE "(?:not" SPACE
	")?['\"(]{0,3}[\\w@]{1,32}['\")]{0,3}\\s{0,8}(?:[=<>]|like\\b|in\\b|is\\b|between\\b)"
	"|['\"]\\s{0,8}(?:or|and)\\s{0,8}['\"][^'\"]{0,32}['\"]\\s{0,4}="
	"|\\bor" SPACE "\\d{1,9}\\s{0,4}[=<>]\\s{0,4}\\d|\\band" SPACE
	"\\d{1,9}\\s{0,4}=\\s{0,4}\\d"
	"|\\bor" SPACE "(?:true|not" SPACE "false)\\b\\s{0,4}(?:--|#|;|$)"
	"|['\"]\\)?\\s{0,8};?\\s{0,8}--(?:[\\s+-]|$)|\\w['\"]\\s{0,8}#\\s{0,4}$"
	"|;" SPACE "?(?:(?:drop|alter|create|truncate)" SPACE THINGS "|delete" SPACE
	"from\\b|insert" SPACE "into\\b|update" SPACE "\\w{1,64}" SPACE "set\\b|grant" SPACE
	"\\w|exec(?:ute)?" SPACE "(?:xp_|sp_|master|immediate)|shutdown\\b)"
	"|\\b(?:drop|truncate)" SPACE THINGS
	"|\\b(?:pg_sleep|benchmark|extractvalue|updatexml|load_file|dbms_pipe\\.receive_message|"
	"utl_http\\.request)\\s{0,4}\\("
	"|(?:\\bselect|\\band|\\bor|,)" SPACE "?sleep\\s{0,4}\\(\\s{0,4}\\d"
	"|\\bwaitfor" SPACE "delay\\b|\\bx[ps]_cmdshell\\b|\\bsp_oacreate\\b"
	"|\\binto" SPACE "(?:out|dump)file\\b|\\binformation_schema\\b|/\\*!\\d{5}";

#define DOT "\\s{0,4}\\.\\s{0,4}"

static const char code_execution[] =
	"(?i)(?<![\\w.])(?:eval|exec|execfile|compile|system|popen|passthru|shell_exec|proc_open|"
	"pcntl_exec)\\s{0,8}\\("
	"|\\b(?:window|self|global|globalthis|this|builtins|__builtins__)\\s{0,4}(?:\\.|\\[\\s{0,4}"
	"['\"])"
	"\\s{0,4}(?:eval|exec)\\b"
	"|__(?:import|builtins|subclasses|globals|mro|bases|base|class|code|reduce|reduce_ex|"
	"getattribute)__"
	"|\\b(?:os|posix|nt|commands|pty|popen2)" DOT
	"(?:system|popen|exec[lv]p?e?|spawn\\w{0,8}|posix_spawn|fork|startfile|getoutput)"
	"|\\."
	"\\s{0,4}(?:system|popen)\\s{0,4}\\("
	"|\\bsubprocess" DOT "\\w|\\bfrom\\s{1,8}(?:os|subprocess|pty|ctypes)\\s{1,8}import\\b"
	"|\\bimport\\s{1,8}(?:subprocess|pty|ctypes)\\b"
	"|\\bgetattr\\s{0,4}\\(\\s{0,4}(?:os|builtins|__builtins__|subprocess|sys)\\b"
	"|\\bimportlib" DOT "import_module\\b|\\b(?:c?pickle|marshal|dill|shelve)" DOT "loads?\\b"
	"|\\byaml" DOT "(?:unsafe_)?load\\s{0,4}\\("
	"|\\bchild_process\\b|\\bprocess" DOT "(?:binding|dlopen|mainmodule)\\b"
	"|\\bnew\\s{1,8}function\\s{0,4}\\(|(?<![\\w.])Function\\s{0,4}\\(\\s{0,4}['\"]"
	"|\\bconstructor" DOT "constructor\\b"
	"|\\bruntime" DOT "getruntime\\b|\\bprocessbuilder\\s{0,4}\\(|\\bscriptenginemanager\\b"
	"|<\\?(?:php|=)|<script\\b|\\b(?:java|vb)script\\s{0,4}:\\s{0,4}[\\w(]"
	"|\\binvoke-expression\\b|\\biex\\s{0,4}[($]|\\s-enc(?:odedcommand)?\\s{1,4}[A-Za-z0-9+/"
	"=]{16}"
	"|\\$\\{(?:jndi|[^}]{0,20}:-j\\})";

const struct builtin builtins[BUILTINS] = {
	{ "shell_injection", shell_injection, true },
	{ "path_traversal", path_traversal, true },
	{ "sql_injection", sql_injection, false },
	{ "code_execution", code_execution, true },
};

const struct builtin *builtin_find(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (!strcmp(builtins[i].name, name))
			return &builtins[i];
	return NULL;
}
