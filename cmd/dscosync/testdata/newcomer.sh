#!/bin/bash
# What somebody new types, up to the second run that Debian's cron makes by itself. Called by TestNewcomer, as root and in
# namespaces of its own:
#
#   newcomer.sh FOLDER SIMULATOR ORDERS
#
# FOLDER has the package and the answers for config init; what was typed, printed and mailed is left there. SIMULATOR is
# host:port of a dscosim with ORDERS orders that nobody is needed for. It all happens on a copy of this machine that is
# gone with the namespaces. Exit status 77: it cannot be done here, and the last line says why.
set -euo pipefail
folder=$1 simulator=$2 orders=$3
copy=$folder/machine
faketime=/usr/lib/*/faketime/libfaketime.so.1

cannot() { echo "$*"; exit 77; }

[ -e /proc/$$/task/$$/children ] || cannot "this kernel does not tell which children a process has"

# The copy has this machine's files; what is changed in it is in memory.
mkdir "$copy"
mount -t tmpfs none "$copy" || cannot "no file system can be mounted here"
mkdir "$copy"/{root,changes,work}
mount -t overlay -o "lowerdir=/,upperdir=$copy/changes,workdir=$copy/work" none "$copy/root" || cannot "no overlay can be mounted here"
copy=$copy/root
mkdir "$copy/newcomer"
mount --bind "$folder" "$copy/newcomer"
# The few devices that are needed, and no more: a script of a package cannot harm the others, nor does the machine's log
# hear of what happens here.
mount -t tmpfs -o mode=755 none "$copy/dev"
for device in null zero full random urandom tty; do
	touch "$copy/dev/$device"
	mount --bind "/dev/$device" "$copy/dev/$device"
done
mkdir "$copy/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 none "$copy/dev/pts"
ln -s pts/ptmx "$copy/dev/ptmx"
ln -s /proc/self/fd "$copy/dev/fd"
mount -t proc none "$copy/proc"
mount -t tmpfs none "$copy/run"
cp /etc/resolv.conf "$copy/run/resolv.conf" 2>/dev/null && [ -L /etc/resolv.conf ] && cp --remove-destination "$copy/run/resolv.conf" "$copy/etc/resolv.conf"
within() { chroot "$copy" "$@"; }

# The machine's own jobs are not for the copy's cron.
rm -rf "$copy"/etc/cron.d/* "$copy/etc/crontab" "$copy"/var/spool/cron/crontabs/*

missing=()
within test -x /usr/sbin/cron || missing+=(cron)
within sh -c "ls $faketime" >/dev/null 2>&1 || missing+=(libfaketime)
within test -x /usr/bin/sudo || missing+=(sudo)
if [ ${#missing[@]} -gt 0 ]; then
	[ -n "${FETCH:-}" ] || cannot "this machine lacks ${missing[*]}; FETCH=1 has the test install them from the distribution's mirror, in a copy of the machine"
	install=(timeout 60 chroot "$copy" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Acquire::http::Timeout=10 -o Acquire::Retries=0)
	{ "${install[@]}" install "${missing[@]}" || { "${install[@]}" update && "${install[@]}" install "${missing[@]}"; }; } >"$folder/apt" 2>&1 </dev/null ||
		cannot "the mirror does not give ${missing[*]}: $(tail -n 1 "$folder/apt")"
fi

# What cron mails.
mkdir -m 1777 "$folder/mail"
printf '#!/bin/sh\ncat >"$(mktemp /newcomer/mail/XXXXXX)"\n' >"$copy/usr/sbin/sendmail"
chmod 755 "$copy/usr/sbin/sendmail"

began=$SECONDS typed=2
echo '$ git clone ... && cd dscosync (the test is in one)'
echo '$ make deb (done before)'
cd "$folder"
types() {
	typed=$((typed + 1))
	echo "\$ $1"
	within bash -o pipefail -ec "cd /newcomer; $1"
}
mine='sudo -u dscosync dscosync --config /etc/dscosync/config.yaml'
types "apt install -y ./dscosync_*.deb </dev/null >installed 2>&1" || { cat installed; exit 1; }
types "$mine config init --set dsco.base_url=http://$simulator/api/v3 --set shipstation.base_url=http://$simulator --set shipstation.settle=1s <answers >printed"
types "$mine doctor"
types "$mine sync all --dry-run | tail -n 2"
types "grep '^[*]' printed | crontab -u dscosync -"
echo "$typed commands, $((SECONDS - began)) s"

# The example is one that cron takes.
within crontab /usr/share/doc/dscosync/examples/crontab.example

# Whether mail arrives at all shows a job that says something.
echo '*/15 * * * * echo cron mails' | within crontab -

acknowledged() { within $mine status --json 2>/dev/null | grep -c '"acknowledged": true' || true; }

# idle tells whether a process has no children.
idle() {
	local children
	children=$(cat "/proc/$1/task/$1/children") && [ -z "$children" ]
}

# quarter sets cron's clock five seconds before the next quarter of an hour, and waits until so many orders are
# acknowledged and cron has seen its jobs to their ends, mails included. Nothing but cron has that clock, which goes from
# when cron first reads it: a machine that takes its time to start cron does not have it miss the quarter.
quarter() {
	local start
	start=$(date -d "@$(($(date +%s) / 900 * 900 + 895))" '+%F %T')
	chroot "$copy" env LD_PRELOAD="$(within sh -c "ls $faketime")" FAKETIME="@$start" cron -f -L 0 &
	until [ "$(acknowledged)" = "$1" ] && grep -rq '^cron mails' mail && idle $!; do
		kill -0 $! || { echo "cron has ended by itself"; exit 1; }
		sleep 0.1
	done
	kill $!
	wait $! || true
	mv mail "$2"
	mkdir -m 1777 mail
}
quarter "$orders" first
exec 3<>"/dev/tcp/${simulator%:*}/${simulator#*:}" # one more order comes in
printf 'POST /sim/add HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$simulator" >&3
cat <&3 >/dev/null
quarter $((orders + 1)) second
