# config.json -> what its process must find, a line each, in the form that inside.sh prints it.
# Capabilities after execve(2), capabilities(7): root gets what is in the bounding set, whatever its
# permitted set was, and others what is ambient; ambient ones must be permitted and inheritable.
["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
 "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
 "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
 "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
 "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
 "CHECKPOINT_RESTORE"] as $names
| def both($other): map(select(IN($other[])));
  def limit: if . > 9e18 then "unlimited" else . end;
  # 16 hexadecimal digits; jq's numbers hold 53 bits and no bit operations.
  def mask: . as $set | [range(15; -1; -1) as $digit | [range(4) as $bit
      | select($names[$digit * 4 + $bit] as $name | $name and ($set | index("CAP_" + $name))) | pow(2; $bit)]
      | add // 0 | "0123456789abcdef"[.:. + 1]] | add;
.process as $p | ($p.capabilities // {}) as $caps
| (($caps.bounding // []) as $b | ($caps.permitted // []) as $perm | ($caps.inheritable // []) as $inh
  | (($caps.ambient // []) | both($perm) | both($inh)) as $amb
  | (if $p.user.uid == 0 then $inh + $b | unique | if $p.noNewPrivileges then both($perm) else . end else $amb end) as $got
  | "CapInh \($inh | mask)", "CapPrm \($got | mask)", "CapEff \($got | mask)", "CapBnd \($b | mask)", "CapAmb \($amb | mask)"),
"Uid \([range(4) | $p.user.uid] | join(" "))",
"Gid \([range(4) | $p.user.gid] | join(" "))",
([$p.user.additionalGids // [] | unique[] | " \(.)"] | "Groups" + (add // "")),
"NoNewPrivs \(if $p.noNewPrivileges then 1 else 0 end)",
"Seccomp \(if .linux.seccomp.syscalls // [] | length > 0 then 2 else 0 end)",
"cwd \($p.cwd)",
(select(.hostname) | "hostname \(.hostname)"),
(select($p.oomScoreAdj) | "oom_score_adj \($p.oomScoreAdj)"),
"umask \($p.user.umask // 18 | [. / 512, . / 64, . / 8, .] | map(floor % 8 | tostring) | add)",
($p.rlimits[]? | "\(.type) \(.soft | limit) \(.hard | limit)"),
(.linux.sysctl // {} | to_entries[] | "sysctl \(.key) \(.value)"),
(if .root.readonly then "root ro" else "root rw" end),
([.mounts[].destination | sub("(?<x>.)/+$"; .x)] | unique[] | "mount \(.)")
