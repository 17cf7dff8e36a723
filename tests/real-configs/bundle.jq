# config.json of a case -> config.json of a runnable bundle. Needs --arg b BUNDLE_DIR. Environment, all optional:
# ARGS   replaces process.args (split at spaces)        NOTTY  non-empty: process.terminal = false
# FIT    for a caller without CAP_SYS_RESOURCE: the largest RLIMIT_NOFILE and RLIMIT_NPROC it may set;
#        also drops that capability and a negative oomScoreAdj
# JOIN   the pid of a process: the namespaces @NS_*@ are this one's; without it they become new ones
# CGROUP replaces /ocirun-test in cgroupsPath
# Hooks become /bin/true.
def ns_file: {"NET": "net", "PID": "pid", "IPC": "ipc", "UTS": "uts", "USER": "user"}[ltrimstr("@NS_") | rtrimstr("@")];
(.mounts[]? | select((.source // "") | startswith("@BUNDLE@")).source) |= ($b + ltrimstr("@BUNDLE@"))
| (.linux.namespaces[]? | select((.path // "") | startswith("@NS_"))) |=
    if ($ENV.JOIN // "") != "" then .path |= "/proc/\($ENV.JOIN)/ns/\(ns_file)" else del(.path) end
| if ($ENV.CGROUP // "") != "" and .linux.cgroupsPath then .linux.cgroupsPath |= sub("^/ocirun-test"; $ENV.CGROUP) else . end
| (.hooks[]?[]? | select(.path == "@HOOK@").path) |= "/bin/true"
| if $ENV.ARGS then .process.args = ($ENV.ARGS / " ") else . end
| if ($ENV.NOTTY // "") != "" then .process.terminal = false else . end
| if ($ENV.FIT // "") != "" then ($ENV.FIT | tonumber) as $max
    | (.process.rlimits[]? | select(.type | test("NOFILE|NPROC"))) |= (.hard = ([.hard, $max] | min) | .soft = ([.soft, $max] | min))
    | .process.capabilities |= with_entries(.value -= ["CAP_SYS_RESOURCE"])
    | if (.process.oomScoreAdj // 0) < 0 then .process.oomScoreAdj = 0 else . end
  else . end
