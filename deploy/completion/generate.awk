# generate.awk - a completion of enforcecore for one shell, from `deploy/words`.
#
#     deploy/words PROGRAM | awk -v shell=bash|zsh|fish -f generate.awk

BEGIN { FS = "\t" }
$1 == "command" {
	commands[++n] = $2
	about[$2] = $3
	if (index($2, " ")) {
		split($2, two, " ")
		below[two[1]] = below[two[1]] (below[two[1]] ? " " : "") two[2]
	}
}
$1 == "verb" { verbs[$2] = verbs[$2] (verbs[$2] ? " " : "") $3 }
$1 == "option" {
	k = ++options[$2]
	short[$2, k] = $3
	long[$2, k] = $4
	arg[$2, k] = $5
	text[$2, k] = $6
}

function top_names(  i, out) {
	for (i = 1; i <= n; i++)
		if (!index(commands[i], " "))
			out = out commands[i] " "
	return out "help"
}
# within single quotes, of a shell that joins what stands side by side
function quoted(s) {
	gsub(/'/, "'\\''", s)
	return "'" s "'"
}
function takes_file(a) { return a ~ /FILE|PATH|DIR|TRAIL/ }

function bash(  i, k, name, words) {
	print "_enforcecore() {"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options= words= i"
	print "\tCOMPREPLY=()"
	print "\tif ((COMP_CWORD == 1)); then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W " quoted(top_names()) " -- \"$cur\")"
	print "\t\treturn"
	print "\tfi"
	print "\t# what comes after it is another program's"
	print "\tfor ((i = 2; i < COMP_CWORD; i++)); do"
	print "\t\t[[ ${COMP_WORDS[i]} == -- ]] && return"
	print "\tdone"
	print "\tcase $command in"
	for (i in below) {
		print "\t" i ")"
		print "\t\twords=" quoted(below[i])
		print "\t\t((COMP_CWORD > 2)) && command+=\" ${COMP_WORDS[2]}\" words="
		print "\t\t;;"
	}
	print "\tesac"
	print "\tcase $command in"
	for (i = 1; i <= n; i++) {
		name = commands[i]
		words = ""
		for (k = 1; k <= options[name]; k++)
			words = words (short[name, k] ~ /^-[a-z]/ ? short[name, k] " " : "") long[name, k] " "
		if (!words)
			continue
		print "\t" quoted(name) ")"
		print "\t\toptions=" quoted(words)
		if (verbs[name])
			print "\t\twords=" quoted(verbs[name])
		print "\t\t;;"
	}
	print "\tesac"
	print "\t[[ $cur == -* ]] && words=$options"
	print "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")"
	print "}"
	print "complete -o default -F _enforcecore enforcecore"
}

# _arguments: "(-p --policy)"{-p+,--policy=}"[text]:FILE:_files"
function zsh_option(name, k,  t, spec, rest) {
	t = text[name, k]
	gsub(/[\[\]:\\]/, "\\\\&", t)
	rest = arg[name, k] == "-" ? "" : ":" arg[name, k] ":" (takes_file(arg[name, k]) ? "_files" : " ")
	gsub(/[\[\]]/, "", rest)
	if (short[name, k] !~ /^-[a-z]/)
		return quoted(long[name, k] (rest ? "=" : "") "[" t "]" rest)
	spec = "'(" short[name, k] " " long[name, k] ")'{" short[name, k] (rest ? "+" : "") "," long[name, k] (rest ? "=" : "") "}"
	return spec quoted("[" t "]" rest)
}
function zsh(  i, k, j, name, parts, m) {
	print "#compdef enforcecore"
	print "_enforcecore() {"
	print "\tlocal -a commands verbs"
	print "\tcommands=("
	for (i = 1; i <= n; i++)
		if (!index(commands[i], " ")) {
			t = about[commands[i]]
			gsub(/:/, "\\:", t)
			print "\t\t" quoted(commands[i] ":" t)
		}
	print "\t)"
	print "\tif ((CURRENT == 2)); then"
	print "\t\t_describe command commands"
	print "\t\treturn"
	print "\tfi"
	print "\tlocal command=$words[2]"
	print "\tshift words"
	print "\t((CURRENT--))"
	for (i in below) {
		print "\tif [[ $command == " i " ]]; then"
		print "\t\tif ((CURRENT == 2)); then"
		print "\t\t\tverbs=(" below[i] ")"
		print "\t\t\t_describe command verbs"
		print "\t\t\treturn"
		print "\t\tfi"
		print "\t\tcommand+=\" $words[2]\""
		print "\t\tshift words"
		print "\t\t((CURRENT--))"
		print "\tfi"
	}
	print "\tcase $command in"
	for (i = 1; i <= n; i++) {
		name = commands[i]
		if (!options[name])
			continue
		print "\t" quoted(name) ")"
		print "\t\t_arguments -S \\"
		for (k = 1; k <= options[name]; k++)
			print "\t\t\t" zsh_option(name, k) " \\"
		if (verbs[name])
			print "\t\t\t" quoted("1:word:(" verbs[name] ")") " \\"
		print "\t\t\t'*:file:_files'"
		print "\t\t;;"
	}
	print "\tesac"
	print "}"
	print "_enforcecore \"$@\""
}

function fish_when(name,  two) {
	if (!index(name, " "))
		return "__fish_seen_subcommand_from " name
	split(name, two, " ")
	return "__fish_seen_subcommand_from " two[1] "; and __fish_seen_subcommand_from " two[2]
}
function fish_quoted(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/'/, "\\'", s)
	return "'" s "'"
}
function fish(  i, k, j, m, name, parts, when, line) {
	for (i = 1; i <= n; i++) {
		name = commands[i]
		split(name, parts, " ")
		if (parts[2])
			when = "__fish_seen_subcommand_from " parts[1] "; and not __fish_seen_subcommand_from " below[parts[1]]
		else
			when = "__fish_use_subcommand"
		print "complete -c enforcecore -f -n " fish_quoted(when) " -a " (parts[2] ? parts[2] : name) " -d " fish_quoted(about[name])
		when = fish_quoted(fish_when(name))
		if (verbs[name])
			print "complete -c enforcecore -n " when " -a " fish_quoted(verbs[name])
		for (k = 1; k <= options[name]; k++) {
			line = "complete -c enforcecore -n " when
			if (short[name, k] ~ /^-[a-z]/)
				line = line " -s " substr(short[name, k], 2)
			line = line " -l " substr(long[name, k], 3)
			if (arg[name, k] != "-")
				line = line (takes_file(arg[name, k]) ? " -r -F" : " -x")
			print line " -d " fish_quoted(text[name, k])
		}
	}
	print "complete -c enforcecore -f -n __fish_use_subcommand -a help -d " fish_quoted("what there is")
}

END {
	if (shell == "bash")
		bash()
	else if (shell == "zsh")
		zsh()
	else
		fish()
}
