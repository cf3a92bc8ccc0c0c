using NasGitOps.Benchmarks;

return args switch
{
    ["generate", "validate", var folder, var count] => Generate.ForValidate(folder, int.Parse(count, null)),
    ["generate", "host", var folder] => Generate.ForHost(folder),
    ["time", var runs, var program, .. var arguments] => Timing.Median(int.Parse(runs, null), program, arguments),
    ["retention", var count, var datasets] => RetentionBench.Run(int.Parse(count, null), int.Parse(datasets, null)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        nasgitops-bench generate validate FOLDER COUNT   a repository of COUNT manifests
        nasgitops-bench generate host FOLDER             100 datasets, 50 exports, 50 shares for the lab's host nas1
        nasgitops-bench retention COUNT DATASETS         plans the retention of COUNT snapshots of DATASETS datasets
        nasgitops-bench time RUNS PROGRAM ARGUMENTS…     wall time of whole processes: the median of RUNS
        """);
    return 64;
}
