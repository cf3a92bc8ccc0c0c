using System.CommandLine;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Publishing;
using NasGitOps.Kinds;
using NasGitOps.Source;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops validate [DIR]</c>: needs neither Git nor a host.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "The repository's folder", DefaultValueFactory = _ => "." };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var command = new Command("validate", "Check a repository: schemas, names and references, every problem at once") { folder, output };
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, parsed.GetValue(output)!));
        return command;
    }

    private static int Run(string folder, string format)
    {
        if (!Directory.Exists(folder)) return Terminal.Fail($"there is no folder {folder}");
        var tree = WorkingTree.Read(folder, ["."], "");
        var report = new RepositoryCheck(new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas)).Run(tree.Files);
        IReadOnlyList<ManifestProblem> problems = [.. tree.Problems, .. report.Problems];
        var errors = problems.Count(p => p.Severity == Severity.Error);
        if (format != Output.Text)
        {
            Output.Write(problems.Select(ProblemDocument.Of).ToList(), format);
            return errors > 0 ? ExitCodes.Failed : ExitCodes.Done;
        }

        foreach (var problem in problems) Console.WriteLine(Context.Problem(problem));
        var manifests = report.Hosts.SelectMany(h => h.Manifests.All).Select(m => (m.Id, m.Provenance.File, m.Provenance.Line)).Distinct().Count();
        if (tree.Files.Count == 0) Console.WriteLine($"{folder} holds no manifests (*.yaml, *.yml)");
        var hosts = report.Hosts.Select(h => h.Host).OfType<string>().ToList();
        var verdict = errors > 0
            ? Terminal.Red($"{errors} error{(errors == 1 ? "" : "s")}")
            : Terminal.Green("valid");
        Console.WriteLine($"{verdict}: {manifests} manifests in {tree.Files.Count} files{(hosts.Count > 0 ? $", hosts {string.Join(", ", hosts)}" : "")}, {problems.Count - errors} warnings");
        return errors > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }
}
