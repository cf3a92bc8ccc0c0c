using System.CommandLine;
using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using Serilog;
using Serilog.Events;

namespace NasGitOps.Cli;

/// <summary>What commands share: the configuration option and the log.</summary>
internal static class Context
{
    public static Option<string> ConfigOption { get; } = new("--config")
    {
        Description = "The agent's configuration",
        DefaultValueFactory = _ => AgentConfig.DefaultPath,
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<bool> VerboseOption { get; } = new("--verbose", "-v") { Description = "Log what is done, to standard error", Recursive = true };

    /// <summary>The configuration, or null after its problems were printed.</summary>
    public static AgentConfig? ReadConfig(ParseResult parsed)
    {
        var file = parsed.GetValue(ConfigOption)!;
        var result = AgentConfigReader.ReadFile(Path.GetFullPath(file), Environment.MachineName.Split('.')[0]);
        foreach (var problem in result.Problems) Console.Error.WriteLine(Problem(problem));
        return result.Config;
    }

    public static ILoggerFactory Logs(ParseResult parsed, bool agent)
    {
        var level = (parsed.GetValue(VerboseOption), agent) switch
        {
            (true, true) => LogEventLevel.Debug,
            (false, false) => LogEventLevel.Warning,
            _ => LogEventLevel.Information,
        };
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Console(standardErrorFromLevel: LogEventLevel.Verbose, outputTemplate: "{Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: System.Globalization.CultureInfo.InvariantCulture)
            .CreateLogger();
        return LoggerFactory.Create(b => b.AddSerilog(logger, dispose: true));
    }

    public static string Problem(ManifestProblem problem)
    {
        var field = problem.FieldPath.Length == 0 ? "" : $" {problem.FieldPath}:";
        var severity = problem.Severity == Severity.Error ? Terminal.Red("error") : Terminal.Yellow("warning");
        var wayOut = problem.WayOut.Length == 0 ? "" : $"\n    {Terminal.Dim("→")} {Terminal.Safe(problem.WayOut)}";
        return $"{Terminal.Safe(problem.File)}:{problem.Line}:{problem.Column}: {severity}:{field} {Terminal.Safe(problem.Message)}{wayOut}";
    }
}
