using System.CommandLine;
using NasGitOps.Cli;
using NasGitOps.Execution;

// Roots of datasets and places to mount them are made by us and our tools, and others enter them: the unit's umask, or that of a careful admin's shell, would shut them out.
// What is private says so where it is written.
Posix.SetUmask(Convert.ToUInt32("022", 8));

var root = new RootCommand("Turns a Git repository of YAML manifests into a running NAS.")
{
    ValidateCommand.Create(),
    PlanCommand.Create(),
    ApplyCommand.Create(),
    AgentCommand.Create(),
    StatusCommand.Create(),
    ApproveCommand.Create(),
    HelpCommands.Explain(),
    HelpCommands.Schema(),
    RecordCommands.Forget(),
    JournalCommand.Create(),
    SnapshotCommands.Snapshots(),
    SnapshotCommands.Restore(),
    RetentionCommand.Create(),
    DoctorCommand.Create(),
    ImportCommand.Create(),
};
root.Add(Context.ConfigOption);
root.Add(Context.VerboseOption);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"nasgitops: {error.Message}");
    Console.Error.WriteLine($"See 'nasgitops {(parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ")}--help'.");
    return ExitCodes.Usage;
}

try
{
    // SIGINT and SIGTERM cancel the command's token, and then it ends by itself: by default the process would be gone two seconds later, in the middle of a step.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    return Terminal.Fail(e.Message);
}
