using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Kinds.Tests.Samba;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.SmbShare;

public class ShareInjectionTests
{
    [Theory]
    [InlineData("global")]
    [InlineData("Glo Bal")]
    [InlineData("HOMES")]
    [InlineData("printers")]
    [InlineData("print$")]
    [InlineData("IPC$")]
    [InlineData("a]\n[b")]
    [InlineData("a\n")]
    [InlineData("a/b")]
    [InlineData("a%U")]
    [InlineData(" a")]
    [InlineData("a  b")]
    [InlineData("a\u2028b")]
    [InlineData("#a")]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_name_that_Samba_would_misread_is_refused(string name) => Assert.NotNull(SmbShareChecks.NameRefusal(name));

    [Theory]
    [InlineData("photos")]
    [InlineData("My Files")]
    [InlineData("Fotos-2024.alt_(neu)")]
    [InlineData("grün")]
    public void An_ordinary_name_is_taken(string name) => Assert.Null(SmbShareChecks.NameRefusal(name));

    [Theory]
    [InlineData("root preexec", "/bin/sh")]
    [InlineData("magic script", "x")]
    [InlineData("dfree command", "/bin/x")]
    [InlineData("include", "/etc/shadow")]
    [InlineData("copy", "other")]
    [InlineData("path", "/")]
    [InlineData("force user", "root")]
    [InlineData("admin users", "alice")]
    [InlineData("wide links", "yes")]
    [InlineData("writeable", "yes")]
    [InlineData("valid users", "mallory")]
    [InlineData("vfs objects", "x")]
    [InlineData("full_audit:prefix", "x")]
    [InlineData("veto files = /x/\nroot preexec", "/bin/sh")]
    [InlineData("veto files", "/a/\nroot preexec = /bin/sh")]
    [InlineData("veto files", "/%U/")]
    [InlineData("veto files", "/a/\\")]
    [InlineData("veto files", "a")]
    [InlineData("oplocks", "maybe")]
    [InlineData("max connections", "abc")]
    [InlineData("max connections", "-1")]
    [InlineData("csc policy", "sometimes")]
    [InlineData("hosts allow", "10.0.0.0/24 EXCEPT 10.0.0.1")]
    [InlineData("hosts allow", "@netgroup")]
    [InlineData("hosts allow", "10.0.0.0/24,evil")]
    [InlineData("hosts allow", "")]
    public void An_option_that_runs_names_or_escapes_something_is_refused(string name, string value)
    {
        var spec = new JObject { ["dataset"] = "tank/x", ["access"] = new JObject { ["guest"] = "readOnly" }, ["options"] = new JObject { [name] = value } };
        var share = SambaHost.Share("x", spec.ToString());

        var problem = Assert.Single(SambaHost.Shares.Check(share, SambaHost.Set(share)), p => p.Severity == Severity.Error);

        Assert.DoesNotContain('\n', problem.Message);
    }

    [Theory]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": []}}""", "spec.access")]
    [InlineData("""{"dataset": "tank/x", "access": {"deny": ["bob"]}}""", "spec.access")]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": ["alice bob"]}}""", "spec.access.readWrite[0]")]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": ["+wheel"]}}""", "spec.access.readWrite[0]")]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": ["@"]}}""", "spec.access.readWrite[0]")]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": ["alice\n"]}}""", "spec.access.readWrite[0]")]
    [InlineData("""{"dataset": "tank/x", "access": {"readWrite": ["%U"]}}""", "spec.access.readWrite[0]")]
    [InlineData("""{"dataset": "tank/x", "comment": "100% mine", "access": {"guest": "readOnly"}}""", "spec.comment")]
    [InlineData("""{"dataset": "tank/x", "comment": "a\n[evil]", "access": {"guest": "readOnly"}}""", "spec.comment")]
    [InlineData("""{"dataset": "tank/x", "comment": "a\\", "access": {"guest": "readOnly"}}""", "spec.comment")]
    [InlineData("""{"dataset": "tank/x", "subpath": "../etc", "access": {"guest": "readOnly"}}""", "spec.subpath")]
    [InlineData("""{"dataset": "tank/x", "subpath": "/etc", "access": {"guest": "readOnly"}}""", "spec.subpath")]
    [InlineData("""{"dataset": "tank/x", "files": {"fileMode": "0660\n"}, "access": {"guest": "readOnly"}}""", "spec.files.fileMode")]
    [InlineData("""{"dataset": "tank/x", "files": {"forceGroup": "+wheel"}, "access": {"guest": "readOnly"}}""", "spec.files.forceGroup")]
    public void Bad_input_is_an_error_at_its_field(string spec, string field)
    {
        var share = SambaHost.Share("x", spec);

        Assert.Contains(SambaHost.Shares.Check(share, SambaHost.Set(share)), p => p.Severity == Severity.Error && p.FieldPath == field);
    }

    [Fact]
    public void Two_shares_that_differ_by_case_are_an_error_on_both()
    {
        const string spec = """{"dataset": "tank/x", "access": {"guest": "readOnly"}}""";
        var (one, two) = (SambaHost.Share("Photos", spec), SambaHost.Share("photos", spec));
        var set = SambaHost.Set(one, two);

        Assert.Contains(SambaHost.Shares.Check(one, set), p => p.Message.Contains("photos", StringComparison.Ordinal));
        Assert.Contains(SambaHost.Shares.Check(two, set), p => p.Message.Contains("Photos", StringComparison.Ordinal));
    }

    [Fact]
    public void Guests_and_the_high_profile_exclude_each_other()
    {
        var share = SambaHost.Share("x", """{"dataset": "tank/x", "access": {"guest": "readOnly"}}""");
        var set = SambaHost.Set(share, SambaHost.Server("""{"profile": "high"}"""));

        Assert.Contains(SambaHost.Shares.Check(share, set), p => p.FieldPath == "spec.access.guest");
    }

    [Fact]
    public void No_accepted_spec_renders_a_line_or_section_beyond_the_expected()
    {
        var nasty = Gen.Elements("a", "bob", "@family", " ", "\n", "\r", "%U", "\\", "[x]", "]", "=", "#", ";", "\"", "/", "/a/", "yes", "0660", "\u2028", "\t", "..", "include", "10.0.0.1", "\0");
        var text = nasty.ListOf().Select(string.Concat);
        var option = Gen.Elements(ShareParameters.Options.Keys.Append("root preexec").ToArray());
        var cases = from name in text
                    from comment in text
                    from user in text
                    from sub in text
                    from mode in text
                    from key in option
                    from value in text
                    select (name, comment, user, sub, mode, key, value);
        var accepted = 0;
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            // One field at a time is nasty, so that enough of the specs are accepted.
            foreach (var nastyField in Enumerable.Range(0, 6))
            {
                var spec = new JObject
                {
                    ["dataset"] = "tank/x",
                    ["comment"] = nastyField == 1 ? c.comment : "plain",
                    ["access"] = new JObject { ["readWrite"] = new JArray(nastyField == 2 ? c.user : "alice") },
                    ["subpath"] = nastyField == 3 ? c.sub : "in",
                    ["files"] = new JObject { ["fileMode"] = nastyField == 4 ? c.mode : "0660" },
                    ["options"] = new JObject { [nastyField == 5 ? c.key : "oplocks"] = nastyField == 5 ? c.value : "yes" },
                };
                var share = SambaHost.Share(nastyField == 0 ? c.name : "photos", spec.ToString());
                if (SambaHost.Shares.Check(share, new ManifestSet([share])).Any(p => p.Severity == Severity.Error)) continue;
                if (SmbConfValue.PathRefusal("/tank/x/" + ((SmbShareSpec)share.Spec).Subpath) is not null) continue;
                accepted++;
                if (!IsWhole(share)) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
        Assert.True(accepted > 0);
    }

    private static readonly SnapshotView View = new("_GMT-%Y.%m.%d-%H.%M.%S", ".zfs/snapshot");

    /// <summary>Read back as Samba reads it: our comment, one section of the name, one line for each parameter with its value.</summary>
    private static bool IsWhole(Manifest share)
    {
        var spec = (SmbShareSpec)share.Spec;
        var path = "/tank/x/" + spec.Subpath;
        var text = SmbShareRendering.Text(share.Id.Name, spec, path, View);
        var expected = SmbShareRendering.Section(spec, path, View);
        var lines = text.Split('\n');
        var read = TestparmOutput.Parse(text);
        return lines.Length == expected.Count + 3
            && lines.All(l => !l.TrimEnd().EndsWith('\\') && !l.Contains('\r', StringComparison.Ordinal))
            && read.Global.Count == 0
            && read.Sections.Count == 1
            && read.Sections.TryGetValue(share.Id.Name, out var section)
            && section.Count == expected.Count
            && expected.All(p => section.GetValueOrDefault(p.Key) == p.Value && !p.Value.Contains('%', StringComparison.Ordinal));
    }
}
