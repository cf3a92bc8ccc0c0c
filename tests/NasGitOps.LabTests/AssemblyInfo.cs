// What uses this machine's own kernel runs alone. Virtual machines wait most of their time: scripts/test.sh runs two of them side by side.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestCollectionOrderer("NasGitOps.LabTests.Lab.LongestFirst", "NasGitOps.LabTests")]
