using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.NfsExport;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.NfsExport;

public class ExportInjectionTests
{
    [Theory]
    [InlineData("10.0.0.1 (rw)")]
    [InlineData("10.0.0.1(rw)")]
    [InlineData("10.0.0.1\n/ *")]
    [InlineData("a,b")]
    [InlineData("a#b")]
    [InlineData("-sync")]
    [InlineData("10.0.0.5/24")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/255.255.255.0")]
    [InlineData("010.0.0.1")]
    [InlineData("10.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::g")]
    [InlineData("a..b")]
    [InlineData("na*.lan")]
    [InlineData("**")]
    [InlineData("@")]
    [InlineData("@a b")]
    [InlineData("gss/krb5")]
    [InlineData("hôst")]
    [InlineData("10.0.0.1\t*")]
    [InlineData("")]
    public void A_host_that_is_none_is_refused(string host)
    {
        Assert.Null(ClientHost.Canonical(host));
        Assert.Contains(Problems(Spec(host)), p => p.FieldPath == "spec.clients[0].host");
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.0/24", "10.0.0.0/24")]
    [InlineData("2001:DB8:0:0::5", "2001:db8::5")]
    [InlineData("FD00::/8", "fd00::/8")]
    [InlineData("NAS2.lan", "nas2.lan")]
    [InlineData("*.Example.org", "*.example.org")]
    [InlineData("@trusted", "@trusted")]
    [InlineData("*", "*")]
    public void A_legal_host_has_one_form(string written, string canonical) => Assert.Equal(canonical, ClientHost.Canonical(written));

    [Theory]
    [InlineData("*")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void Writing_by_everybody_must_be_said_in_words(string host)
    {
        Assert.Contains(Problems(Spec(host, "rw")), p => p.FieldPath == "spec.clients[0].access");
        Assert.Empty(Problems(Spec(host, "ro")));
        var spec = Spec(host, "rw");
        spec["public"] = true;
        Assert.Empty(Problems(spec));
    }

    [Theory]
    [InlineData("async")]
    [InlineData("fsid=0")]
    [InlineData("mountpoint=/")]
    [InlineData("refer=/a@b")]
    [InlineData("insecure,no_root_squash")]
    [InlineData("insecure)\n/ *(rw")]
    public void An_option_outside_of_the_table_is_refused(string option)
    {
        var spec = Spec("10.0.0.1");
        spec["options"] = new JArray(option);
        Assert.Contains(Problems(spec), p => p.FieldPath == "spec.options" && p.WayOut.Length > 0);
    }

    [Theory]
    [InlineData("/srv/a b")]
    [InlineData("/srv/a#b\"c\\d")]
    [InlineData("/srv/ü(x),y")]
    [InlineData("/srv/\\040")]
    [InlineData("/srv/tab\tnewline\n")]
    public void A_path_is_one_word_and_reads_back_as_it_was(string path)
    {
        var encoded = ExportText.Encode(path);
        Assert.Matches(@"\A[A-Za-z0-9/._+:@\\-]+\z", encoded);
        Assert.Equal(path, ExportText.Decode(encoded));
        Assert.Equal((path, "10.0.0.1"), Assert.Single(ExportsFile.Parse($"{encoded} 10.0.0.1(rw)\n")));
    }

    [Fact]
    public void Two_exports_to_one_client_at_one_path_are_told_with_both_places()
    {
        var one = ExportHost.Export("one", "{dataset: 'tank/a', clients: [{host: '10.0.0.1'}]}");
        var two = ExportHost.Export("two", "{path: '/tank/a', clients: [{host: '10.0.0.1'}]}");
        var set = new ManifestSet([one, two, ExportHost.Dataset("tank/a")]);
        Assert.Empty(ExportHost.Kind.Check(one, set));
        Assert.Contains("NfsExport/one", Assert.Single(ExportHost.Kind.Check(two, set)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{clients: []}", "spec")]
    [InlineData("{dataset: 'tank/a', path: '/tank/a', clients: []}", "spec.path")]
    [InlineData("{path: '/elsewhere', clients: []}", "spec.path")]
    [InlineData("{path: '/tank/a/../../etc', clients: []}", "spec.path")]
    [InlineData("{dataset: 'tank/a', subpath: '../b', clients: []}", "spec.subpath")]
    [InlineData("{dataset: 'tank/a b', subpath: 'x', clients: []}", "spec.subpath")]
    [InlineData("{dataset: 'tank/volume', clients: []}", "spec.dataset")]
    public void A_place_that_cannot_be_exported_is_refused(string spec, string field)
    {
        var export = ExportHost.Export("media", spec);
        var set = new ManifestSet([export, ExportHost.Dataset("tank/a"), ExportHost.Dataset("tank/a b"), ExportHost.Dataset("tank/volume", isFilesystem: false)]);
        Assert.Contains(ExportHost.Kind.Check(export, set), p => p.FieldPath == field);
    }

    [Fact]
    public void Every_accepted_export_is_one_comment_and_one_line()
    {
        var nasty = Gen.Elements("tank", " ", "(", ")", ",", "#", "\n", "\"", "\\", "*", "10.0.0.1", "(rw)", "é", "nas2", ".lan", "@g", "/24", "~", "x", "fsid=0", ":");
        var text = Gen.ArrayOf(nasty).Select(string.Concat);
        var hosts = Gen.OneOf(text, Gen.Elements("10.0.0.0/24", "nas2.lan", "*.lan", "@g", "*", "fd00::/8"));
        var sample = from name in text from path in text from host in hosts from option in Gen.OneOf(text, Gen.Elements("insecure", "no_acl")) select (name, path, host, option);
        var accepted = 0;
        Prop.ForAll(sample.ToArbitrary(), s =>
        {
            var spec = Spec(s.host);
            spec["subpath"] = s.path;
            spec["options"] = new JArray(s.option);
            var export = ExportHost.Export("x" + s.name, spec.ToString());
            if (ExportHost.Kind.Check(export, new ManifestSet([export, ExportHost.Dataset("tank/a")])).Any()) return true;
            accepted++;
            var place = new ExportPlace("tank/a", ((NfsExportSpec)export.Spec).Subpath ?? "", "/tank/a");
            var rendered = OurExportFile.Render(export.Id, (NfsExportSpec)export.Spec, place, 7);
            var back = OurExportFile.Parse(rendered);
            return Regex.IsMatch(rendered, @"\A# nasgitops: [^\n]*[^\\\n]\n/[^ \n]+ [^ (),\n]+\([^ ()\n]+\)\n\z")
                && back == new OurExportFile(export.Id, place.Dataset, place.Subpath, place.Path, 7)
                && Regex.IsMatch(OurExportFile.FileName(export.Id.Name), @"\Anasgitops-[A-Za-z0-9~_.-]{1,230}\.exports\z");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Assert.True(accepted > 100, $"only {accepted} of the random exports were accepted");
    }

    private static JObject Spec(string host, string access = "ro") =>
        new() { ["dataset"] = "tank/a", ["clients"] = new JArray(new JObject { ["host"] = host, ["access"] = access }) };

    private static List<ManifestProblem> Problems(JObject spec)
    {
        var export = ExportHost.Export("media", spec.ToString());
        return [.. ExportHost.Kind.Check(export, new ManifestSet([export, ExportHost.Dataset("tank/a")]))];
    }
}
