using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Importing;
using NasGitOps.Observing;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops import</c>: manifests for what this host has; touches nothing but the folder it is given.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var output = new Option<string?>("--output") { Description = "Write files below this folder, the repository's; without it one stream is printed", HelpName = "DIR" };
        var takeOver = new Option<bool>("--take-over") { Description = "Also write manifests that take exports and shares over from the files that define them now" };
        var command = new Command("import", "Write manifests for what this host has: a plan on them adopts it and changes nothing") { output, takeOver };
        command.SetAction(async (parsed, ct) =>
        {
            // The host may have no repository yet: its configuration is read where there is one, or where it is named.
            var (host, paths) = (Environment.MachineName.Split('.')[0], new HostPaths());
            if (parsed.GetResult(Context.ConfigOption) is { Implicit: false } || File.Exists(parsed.GetValue(Context.ConfigOption)))
            {
                if (Context.ReadConfig(parsed) is not { } config) return ExitCodes.Failed;
                (host, paths) = (config.Host, config.HostPaths);
            }

            Terminal.Progress("reading the host…");
            var result = await RunAsync(host, paths, parsed.GetValue(takeOver), ct);
            Terminal.EndProgress();
            if (result.Plan.Changes.FirstOrDefault(c => c.Action != ChangeAction.Adopt) is { } other)
            {
                return Terminal.Fail($"{other.Id} of this host is managed already, and none of these manifests would name it ({other.Action.ToString().ToLowerInvariant()}): import is for a host without a repository. 'nasgitops plan' shows what the present one wants");
            }

            return parsed.GetValue(output) is { } folder ? Write(result, folder) : Print(result);
        });
        return command;
    }

    private static async Task<ImportResult> RunAsync(string host, HostPaths paths, bool takeOver, CancellationToken ct)
    {
        var import = new HostImport(BuiltInKinds.All, BuiltInKinds.Schemas, BuiltInKinds.Storage);
        var probes = new HostProbes(new CommandRunner());
        var observer = new HostObserver(new HostObservation(BuiltInKinds.All, BuiltInKinds.Storage), probes, host, TimeProvider.System);
        var answers = new Dictionary<string, Answer>();
        foreach (var probe in HostImport.Probes) answers[probe.Key] = await probes.AnswerAsync(probe, ct);
        var known = new Answers(answers);
        var seen = await observer.ObserveAsync(import.Seeds(known), [], paths, ct);
        var secrets = new SecretStore(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), paths.SecretsDirectory, RandomNumberGenerator.GetBytes(32));
        return await import.RunAsync(host, known, seen, paths, takeOver, async manifests =>
        {
            var names = manifests.All.Select(m => m.Spec).OfType<ISecretUser>().SelectMany(s => s.SecretRefs);
            var desired = new Desired("", manifests, SourceComplete: true, await secrets.FingerprintsAsync(names));
            var observed = await observer.ObserveAsync(manifests, [], paths, ct);
            return new PlanInput(desired, observed, OwnershipRecords.Empty, new Policy(), paths, observed.At);
        });
    }

    private static int Print(ImportResult result)
    {
        Console.Out.Write(string.Join("---\n", result.Files.Select(f => Encoding.UTF8.GetString(f.Content))));
        Tell(result);
        return ExitCodes.Done;
    }

    /// <summary>All files or none: what stands there already is somebody's work.</summary>
    private static int Write(ImportResult result, string folder)
    {
        var targets = result.Files.Select(f => (File: f, Path: Path.GetFullPath(Path.Combine(folder, f.Path)))).ToList();
        var there = targets.Where(t => Path.Exists(t.Path)).Select(t => t.Path).ToList();
        if (there.Count > 0) return Terminal.Fail($"{string.Join(", ", there)} {(there.Count == 1 ? "exists" : "exist")} already and {(there.Count == 1 ? "is" : "are")} not overwritten; nothing was written. Name another folder, or remove {(there.Count == 1 ? "it" : "them")}");
        foreach (var (file, path) in targets)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            stream.Write(file.Content);
            Console.WriteLine(Terminal.Safe(Path.Combine(folder, file.Path)));
        }

        Tell(result);
        return ExitCodes.Done;
    }

    private static void Tell(ImportResult result)
    {
        var kinds = result.Manifests.GroupBy(m => m.Id.Kind).Select(g => $"{g.Count()} {g.Key}").ToList();
        Console.Error.WriteLine($"{(kinds.Count == 0 ? "Nothing of this host can be described" : string.Join(", ", kinds))}. A plan on this adopts {result.Plan.Changes.Count} and changes nothing else; {result.LeftOut.Count} left out, each with its reason.");
    }
}
