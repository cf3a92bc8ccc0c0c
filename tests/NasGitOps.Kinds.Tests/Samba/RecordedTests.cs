using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Samba;

namespace NasGitOps.Kinds.Tests.Samba;

/// <summary>Against what real Samba printed; scripts/record-samba.sh records it anew.</summary>
public class RecordedTests
{
    private static readonly string[] Versions = ["4.17", "4.22"];

    public static TheoryData<string> Recorded => [.. Versions];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void What_we_render_reads_back_as_wanted_from_the_real_testparm(string version)
    {
        var host = Rendered(out var set);
        host.TestparmFails = new RunAnswer(0, Read($"effective-{version}.txt"), "");

        var input = host.Input(set);

        foreach (var manifest in set.All)
        {
            var kind = manifest.Id.Kind == "SmbShare" ? (IKind)SambaHost.Shares : SambaHost.Servers;
            Assert.Empty(SambaHost.Differences(kind.Assess(manifest, input)));
        }
    }

    [Fact]
    public void The_recorded_files_are_what_we_render()
    {
        var host = Rendered(out _);

        foreach (var (path, text) in host.Files.Where(f => f.Key != "/etc/samba/smb.conf")) Assert.Equal(Read(Path.Combine("files", Path.GetFileName(path))), text);
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Our_table_of_defaults_is_that_of_Samba(string version)
    {
        var real = TestparmOutput.Parse(Read($"defaults-{version}.txt")).Global;
        var known = ShareParameters.Own.Values.Concat(ShareParameters.Options.Values).Concat(GlobalParameters.Own.Values).Concat(GlobalParameters.Options.Values);

        foreach (var parameter in known.Where(p => !p.Name.Contains(':', StringComparison.Ordinal) && p.Name != "server string"))
        {
            Assert.True(real.TryGetValue(parameter.Name, out var value), $"Samba {version} does not know '{parameter.Name}'");
            Assert.True(parameter.IsDefault(value!), $"{parameter.Name}: Samba {version} has '{value}', we have '{parameter.Default}'");
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Every_recorded_fault_is_a_complaint_and_a_sound_file_is_none(string version)
    {
        var faults = Read($"faults-{version}.txt").Split("== ", StringSplitOptions.RemoveEmptyEntries);

        foreach (var fault in faults)
        {
            var complains = SambaCommands.Complaints.Any(c => fault.Contains(c, StringComparison.Ordinal));
            Assert.True(complains != fault.StartsWith("sound", StringComparison.Ordinal), fault);
        }
    }

    private static SambaHost Rendered(out Core.Manifests.ManifestSet set)
    {
        set = SambaHost.Set(
            SambaHost.Server("""{"workgroup": "OFFICE", "interfaces": ["lo", "eth0"], "options": {"deadtime": 15}}"""),
            SambaHost.Share("photos", """{"dataset": "tank/photos", "comment": "Family photos", "access": {"readWrite": ["alice", "@family"], "readOnly": ["bob"], "deny": ["carol"]}, "files": {"inherit": true, "forceGroup": "family", "fileMode": "0660", "directoryMode": "2770"}, "options": {"veto files": "/._*/.DS_Store/", "smb encrypt": "desired", "hosts allow": "127.0.0.1 10.0.0.0/8", "csc policy": "disable"}}"""),
            SambaHost.Share("Public Drop", """{"dataset": "tank/drop", "hidden": true, "access": {"readOnly": ["bob"], "guest": "readWrite"}}"""));
        var host = new SambaHost
        {
            Accounts = new Accounts(
                new[] { "alice", "bob", "carol" }.ToDictionary(n => n, n => new UserAccount(n, 2000, 2000, "", "")),
                new Dictionary<string, GroupAccount> { ["family"] = new("family", 3000, []) }),
        };
        host.Apply(set);
        return host;
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samba", "Recorded", name));
}
