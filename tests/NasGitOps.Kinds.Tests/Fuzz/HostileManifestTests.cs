using System.Text.RegularExpressions;
using System.Xml.Linq;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Testing.Fuzz;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Fuzz;

/// <summary>Whatever hostile text the loader accepts in a manifest: no file of ours gets a line or a section by it, and no command an option.</summary>
public partial class HostileManifestTests
{
    /// <summary>Every option that this product ever gives. One of a manifest's making is none of them.</summary>
    private static readonly HashSet<string> OurOptions =
    [
        "-o", "-O", "-m", "-f", "-n", "-N", "-d", "-u", "-s", "-V", "-v", "-g", "-G", "-M", "-aG", "-a", "-e", "-Hp", "-r", "-rf", "-ra", "-t", "-p", "-P", "-q", "-c", "-b", "-T", "-L", "-1", "--now", "--find", "--show", "--nooverlap",
    ];

    [Fact]
    public void No_line_no_section_and_no_option_comes_out_of_a_value()
    {
        var random = new Random(Fuzzing.Seed);
        var (runs, changes, hostile) = (Fuzzing.Runs(40), 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var drafts = HostileDrafts.Of(random);
            var commit = Draft.Commit("c1", drafts);
            hostile += commit.Manifests.All.Count - 2;
            var start = new ModelWorld(HandEdit.EmptyHost, Core.Ownership.OwnershipRecords.Empty, new Policy());
            var after = LawSuite.Pass(start, commit);
            var all = new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, start, commit)).Changes.Concat(after.Left!.Changes).SelectMany(c => c.Steps.Select(s => (c.Id, Step: s))).Concat(after.Taken);
            foreach (var (id, step) in all)
            {
                changes++;
                Assert.True(Wrong(step, id.Name) is not { } wrong, $"{Wrong(step, id.Name)}\n{id}: {step.Describe()}\nseed {Fuzzing.Seed}, run {run}\n{string.Join('\n', drafts.Select(d => Fuzzing.Literal(d.ToString())))}");
            }

            Assert.True(SmbConfIsWhole(after.Host.Files["/etc/samba/smb.conf"]), after.Host.Files["/etc/samba/smb.conf"]);
        }

        Assert.True(hostile > runs && changes > runs, $"only {hostile} manifests were accepted");
    }

    private static string? Wrong(Step step, string name) => step switch
    {
        Run run => Option(run.Command),
        Reload reload => Option(reload.Command) ?? reload.Then.Select(Option).FirstOrDefault(o => o is not null),
        InstallFile { Path: var path, Content: var text } when path.EndsWith(".exports", StringComparison.Ordinal) => Export().IsMatch(text) ? null : "an export with other lines",
        InstallFile { Path: var path, Content: var text } when path.EndsWith(".service", StringComparison.Ordinal) => Announces(text) ? null : "an announcement with other records",
        InstallFile { Path: var path, Content: var text } when path.EndsWith("/smb.conf", StringComparison.Ordinal) => SmbConfIsWhole(text) ? null : "smb.conf has other lines",
        InstallFile { Path: var path, Content: var text } when path.EndsWith("/nasgitops.conf", StringComparison.Ordinal) => Sections(text, "global"),
        InstallFile { Path: var path, Content: var text } when path.EndsWith(".conf", StringComparison.Ordinal) => Sections(text, name),
        InstallFile { Path: var path } => $"nobody looks at {path}",
        _ => null,
    };

    private static string? Option(Command command) => command.Arguments.FirstOrDefault(a => a.StartsWith('-') && !OurOptions.Contains(a)) is { } odd ? $"the option {odd}" : null;

    /// <summary>A reader of its own: a comment, at most one section, of that name, and parameters.</summary>
    private static string? Sections(string text, string name)
    {
        foreach (var (index, line) in text.Split('\n').Index())
        {
            if (line.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')) return $"a control character in line {index + 1}";
            if (line.EndsWith('\\')) return $"line {index + 1} is joined with the next";
            if (index == 0 ? line.StartsWith("# nasgitops: ", StringComparison.Ordinal) : line.Length == 0 || line == $"[{name}]" || Parameter().IsMatch(line) || line.StartsWith("# globals: ", StringComparison.Ordinal) || line.StartsWith("include = /etc/samba/", StringComparison.Ordinal)) continue;
            return $"line {index + 1}: {line}";
        }

        return text.Split('\n').Count(l => l.StartsWith('[')) <= 1 ? null : "two sections";
    }

    private static bool SmbConfIsWhole(string text) => text == HandEdit.EmptyHost.Files["/etc/samba/smb.conf"] || Whole().IsMatch(text);

    private static bool Announces(string text) =>
        XDocument.Parse(text.Replace("<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">", "", StringComparison.Ordinal)).Root!.Elements().Select(e => e.Name.LocalName).SequenceEqual(["name", "service", "service", "service"]);

    [GeneratedRegex(@"\A# nasgitops: [!-~]+ [!-~ ]+\n/[^ \n]*( [^ (),\n-][^ (),\n]*\([^ ()\n]+\))+\n\z")]
    private static partial Regex Export();

    [GeneratedRegex(@"\A   [a-z][a-z0-9_: -]* =( .*)?\z")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\A\[global\]\n   workgroup = WORKGROUP\n\n\n# BEGIN nasgitops [^\n]*\ninclude = /etc/samba/nasgitops\.conf\n# END nasgitops\n\z")]
    private static partial Regex Whole();
}
