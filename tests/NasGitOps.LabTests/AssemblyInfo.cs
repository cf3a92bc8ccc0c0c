// One virtual machine at a time: emulation leaves no processor for a second one.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
