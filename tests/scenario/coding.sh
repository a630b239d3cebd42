#!/bin/sh
# What a coding agent does on a good day, in a new project: `coding.sh` in its
# directory, where dep.tgz and pk-1.0-py3-none-any.whl lie.
set -eu

git init -q .
git config user.email agent@example.org
git config user.name agent
printf 'hello\n' >a.txt
git add a.txt
git commit -qm one
printf 'more\n' >>a.txt
git diff --stat | cat
git commit -qam two
git checkout -qb side
git log --oneline | wc -l | grep -q 2
git status --short >status

node -e 'require("fs").writeFileSync("n.json", JSON.stringify(process.versions)); require("os").cpus()'
python3 - <<END
import json, subprocess, tempfile
with tempfile.NamedTemporaryFile() as t:
    t.write(b"x")
print(json.load(open("n.json"))["node"], subprocess.check_output(["ls"], text=True).split()[0])
END

printf '#include <stdio.h>\nint main(void) { puts("built"); }\n' >m.c
printf 'm: m.c\n\tcc -o $@ $<\n' >Makefile
make -s
./m

printf '{"name":"project","version":"1.0.0","private":true,"scripts":{"test":"dep"}}' >package.json
npm install --offline --no-audit --no-fund --silent ./dep.tgz
npm test --silent

python3 -m venv --without-pip venv
python3 -m pip --python venv/bin/python install -q --no-index --no-compile --disable-pip-version-check \
	./pk-1.0-py3-none-any.whl
venv/bin/python -c 'import pk; print("seven", pk.f())'

mkdir -p lib && mv a.txt lib/ && sed -i s/hello/bye/ lib/a.txt && grep -rq bye lib && tar cf lib.tar lib && rm -r lib
