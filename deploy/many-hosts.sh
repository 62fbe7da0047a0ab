#!/usr/bin/env bash
# many-hosts.sh [--listen ADDR:PORT] [--hosts N] [--dir DIR] [--db URL] [-- HOST-FLAGS...]
#
# PostgreSQL, N possim hosts that share one book in it, and HAProxy before them: what compose.yaml has
# in containers, as plain processes. Ctrl-C ends all of it; the books stay in DIR.
#
#   --listen ADDR:PORT  where terminals connect (127.0.0.1:8583); the hosts have the N ports behind it
#   --hosts N           how many hosts (3)
#   --dir DIR           books, keys and logs (/tmp/possim-many-hosts-UID)
#   --db URL            a PostgreSQL that there is, instead of one in DIR
#   -- HOST-FLAGS       for every host, as in: -- --walk-in --cards cards.yaml
#
# It takes possim from the PATH, or from $POSSIM. As root PostgreSQL runs as user postgres.
set -euo pipefail

listen=127.0.0.1:8583 hosts=3 dir=/tmp/possim-many-hosts-$(id -u) db= possim=${POSSIM:-possim}
while [ $# -gt 0 ]; do
	case $1 in
	--listen) listen=$2; shift 2 ;;
	--hosts) hosts=$2; shift 2 ;;
	--dir) dir=$2; shift 2 ;;
	--db) db=$2; shift 2 ;;
	--) shift; break ;;
	*) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
	esac
done
address=${listen%:*} port=${listen##*:}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

# What was started, the last first, ends with this script.
running=()
stop() {
	trap - EXIT
	for ((i = ${#running[@]} - 1; i >= 0; i--)); do kill "${running[i]}" 2>/dev/null || true; done
	wait || true
	[ -n "$db" ] || as_postgres "$bin/pg_ctl" -s -D "$dir/postgres" -m fast stop || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 0' TERM

as_postgres() {
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# missing PROGRAM PACKAGE says what to install.
missing() {
	echo "many-hosts.sh: $1 is not installed (Debian: apt-get install $2)" >&2
	exit 4
}

command -v haproxy >/dev/null || PATH=$PATH:/usr/sbin
command -v haproxy >/dev/null || missing haproxy haproxy
command -v "$possim" >/dev/null || missing possim "Go, then make build"

# PostgreSQL: Debian's newest, with a cluster of its own behind a socket in DIR.
own_postgres() {
	bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
	[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || missing initdb postgresql)")
	if [ ! -d "$dir/postgres" ]; then
		mkdir -m 700 "$dir/postgres"
		[ "$(id -u)" != 0 ] || chown postgres "$dir/postgres"
		as_postgres "$bin/initdb" -D "$dir/postgres" -U possim -A peer -E UTF8 --locale=C >"$dir/initdb.log"
		cat >"$dir/pg_hba.conf" <<-END
			local all all trust
		END
		cp "$dir/pg_hba.conf" "$dir/postgres/pg_hba.conf"
	fi
	as_postgres "$bin/pg_ctl" -s -w -D "$dir/postgres" -l "$dir/postgres/log" \
		-o "-c listen_addresses='' -c unix_socket_directories='$dir/postgres'" start
	psql -XqAt -h "$dir/postgres" -U possim -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'books'" | grep -q 1 ||
		psql -Xq -h "$dir/postgres" -U possim -d postgres -c 'CREATE DATABASE books'
	url="postgres:///books?user=possim&host=$dir/postgres"
}
url=$db
[ -n "$db" ] || own_postgres

# One key for all of them: the names of cards, and terminals' keys, are under it.
[ -f "$dir/master.key" ] || (umask 077 && openssl rand -hex 32 >"$dir/master.key")

sed "s|^\( *bind\).*|\1 $listen|; /^ *server-template/d" "$(dirname "$0")/haproxy.cfg" >"$dir/haproxy.cfg"
for ((i = 1; i <= hosts; i++)); do
	"$possim" host --listen "$address:$((port + i))" --db "$url" --key-file "$dir/master.key" "$@" 2>"$dir/host-$i.log" &
	running+=($!)
	echo "host $i: $address:$((port + i)), process $!, log $dir/host-$i.log"
	echo "    server host$i $address:$((port + i))" >>"$dir/haproxy.cfg"
done
for ((i = 1; i <= hosts; i++)); do
	until grep -q '^listening on' "$dir/host-$i.log"; do
		kill -0 "${running[i - 1]}" 2>/dev/null || { cat "$dir/host-$i.log" >&2; exit 4; }
		sleep 0.1
	done
done

rm -f "$dir/haproxy.pid"
haproxy -f "$dir/haproxy.cfg" -W -p "$dir/haproxy.pid" >"$dir/haproxy.log" 2>&1 &
running+=($!)
until [ -s "$dir/haproxy.pid" ]; do
	kill -0 "${running[-1]}" 2>/dev/null || { cat "$dir/haproxy.log" >&2; exit 4; }
	sleep 0.1
done
echo "books: psql '$url'"
echo "listening on $listen"
wait -n "${running[-1]}"
