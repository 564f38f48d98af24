use std::fs;
use std::path::Path;
pub(crate) fn init(root: &Path, deploy: &Path, timeout: u32) {
    let d = deploy.display();
    for dir in ["etc", "pxeboot", "wwwroot/pxefiles/pxelinux.cfg", "var"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    fs::write(
        root.join("etc/dnsmasq.conf"),
        format!(
            "port=0
interface=br0
bind-interfaces
dhcp-range=192.168.4.10,192.168.4.200,12h
log-dhcp
enable-tftp
tftp-root={d}/pxeboot
dhcp-leasefile={d}/var/leases
dhcp-match=set:ipxe,175
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:efi64,option:client-arch,7
dhcp-match=set:efi64,option:client-arch,9
dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe
dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi
dhcp-boot=tag:ipxe,menu.ipxe
"
        ),
    )
    .unwrap();
    fs::write(root.join("etc/nginx.conf"), "daemon off;
pid var/nginx.pid;
error_log var/nginx-error.log info;
events { worker_connections 256; }
http { types {} default_type application/octet-stream; sendfile on;
 client_body_temp_path var/b; proxy_temp_path var/p; fastcgi_temp_path var/f; uwsgi_temp_path var/u; scgi_temp_path var/s;
 access_log var/access.log;
 server { listen 80; root wwwroot; location / { autoindex on; } } }
").unwrap();
    fs::write(
        root.join("pxeboot/menu.ipxe"),
        "#!ipxe
set 210:string http://192.168.4.6/pxefiles/
set 209:string pxelinux.cfg/default
iseq ${platform} efi && goto efi ||
chain ${210:string}pxelinux.0
:efi
chain --autofree http://192.168.4.6/pxefiles/uefi.ipxe
",
    )
    .unwrap();
    fs::write(root.join("wwwroot/pxefiles/uefi.ipxe"), format!("#!ipxe
set base http://192.168.4.6
menu Welcome
item centos6.8 Install CentOS6.8
item local Boot from local drive
choose --default local --timeout {}000 sel || goto local
goto ${{sel}}
:centos6.8
kernel ${{base}}/yum/CentOS6.8/images/pxeboot/vmlinuz initrd=initrd.img ks=${{base}}/yum/CentOS6.8/ks.cfg ksdevice=bootif BOOTIF=01-${{netX/mac:hexhyp}} console=ttyS0
initrd ${{base}}/yum/CentOS6.8/images/pxeboot/initrd.img
boot
:local
exit 1
", timeout)).unwrap();
    fs::write(
        root.join("wwwroot/pxefiles/pxelinux.cfg/default"),
        format!(
            "default vesamenu.c32
timeout {timeout}0
label local
  menu label Boot from local drive
  menu default
  localboot 0xffff
"
        ),
    )
    .unwrap();
    for f in ["undionly.kpxe", "snponly.efi"] {
        fs::copy(format!("/usr/lib/ipxe/{f}"), root.join("pxeboot").join(f)).unwrap();
    }
    fs::copy("/usr/lib/PXELINUX/pxelinux.0", root.join("wwwroot/pxefiles/pxelinux.0")).unwrap();
    for f in ["ldlinux.c32", "vesamenu.c32", "libcom32.c32", "libutil.c32"] {
        fs::copy(
            format!("/usr/lib/syslinux/modules/bios/{f}"),
            root.join("wwwroot/pxefiles").join(f),
        )
        .unwrap();
    }
}
